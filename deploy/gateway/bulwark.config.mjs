/**
 * The policy of a gateway on one machine, for the service and the container beside it. The origin comes from BULWARK_ORIGIN,
 * the secret from BULWARK_SECRET_FILE, the rest from here: every option is in docs/manual/defaults.md.
 */
export default {
  // Who ends TLS in front of it, by its one address.
  proxy: { trusted: [process.env.PROXY ?? '127.0.0.1'] },
  gateway: {
    upstream: process.env.UPSTREAM ?? 'unix:/run/app/app.sock',
    listen: process.env.LISTEN ?? '127.0.0.1:8080',
    management: process.env.MANAGEMENT ?? '127.0.0.1:9090',
    // Session cookies of the application stay here. Leave the line out where scripts of its pages read them.
    vault: true,
    drain: { limit: '20s' },
  },
  // Begin with what only counts and logs, and look at it with `bulwark gateway report`:
  // csp: { mode: 'observe' },
};
