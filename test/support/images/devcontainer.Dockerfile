# The dev container of the tests: what a development image brings, and two real AI clients.
FROM devcontainer-gateway-test/node:24
RUN command -v git && command -v ps && command -v ss \
    || (apt-get update && apt-get install -y --no-install-recommends git procps iproute2 ca-certificates \
        && rm -rf /var/lib/apt/lists/*)
COPY ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
COPY clients /opt/clients
ENV PATH=/opt/clients/node_modules/.bin:$PATH
LABEL devcontainer.metadata='[{"remoteUser":"node"}]'
