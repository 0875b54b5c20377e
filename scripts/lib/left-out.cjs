// Stands in the bundles for what dockerode loads at once and this product never uses: ssh2 (engines over ssh are
// refused before), gRPC and protobuf (sessions and logs of BuildKit; images are built by Compose). More than half a megabyte
// less to load at each start.
module.exports = {};
