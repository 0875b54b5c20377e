// Stands in for ssh2 in the bundles: dockerode loads it at once, and needs it only for engines over ssh, which the
// product refuses before. Without it the programs do not start outside a checkout.
module.exports = {
  Client: class {
    constructor() {
      throw new Error('an engine over ssh is not supported');
    }
  },
};
