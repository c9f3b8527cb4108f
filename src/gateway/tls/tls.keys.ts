/** Of the policy's secrets: by these all processes find the keys of tickets that they share, and open them. */
export const TLS_KEYS = {
  ticketName: { signs: 'tls-ticket-name' },
  ticketKey: { seals: 'tls-ticket-key' },
} as const;
