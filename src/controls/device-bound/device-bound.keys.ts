/** The sub-keys of the device-bound room. */
export const DEVICE_KEYS = {
  challenge: { signs: 'device-challenge' },
  cookie: { signs: 'device-cookie' },
} as const;
