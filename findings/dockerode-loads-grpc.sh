#!/usr/bin/env bash
# dockerode 5.0.1 loads gRPC and protobuf at require, for everybody.
#
# Guess: the packages for BuildKit sessions (@grpc/grpc-js, protobufjs) are loaded by the first build that needs them.
# Seen on 2026-11-30 with Node 20.20.2: require('dockerode') alone loads both, more than half of all modules that it loads,
# although nothing is built and no engine is spoken to. A program that only lists containers pays for it at each start;
# bundlers cannot leave the code out.
# Exits with 1 when dockerode behaves in another way.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts dockerode@5.0.1
node - <<'JS'
require('dockerode');
const loaded = Object.keys(require.cache).map((file) => file.replaceAll('\\', '/'));
const of = (...names) => loaded.filter((file) => names.some((name) => file.includes(`/node_modules/${name}/`))).length;
const [grpc, protobuf] = [of('@grpc/grpc-js', '@grpc/proto-loader'), of('protobufjs', '@protobufjs')];
console.log(`modules loaded by require('dockerode'): ${loaded.length}; gRPC ${grpc}, protobuf ${protobuf}`);
if (grpc === 0 || protobuf === 0) {
  console.log('CHANGED: dockerode no longer loads gRPC and protobuf at once.');
  process.exit(1);
}
JS
