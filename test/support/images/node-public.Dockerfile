# The public image, under the name of the tests.
FROM node:24-bookworm-slim
