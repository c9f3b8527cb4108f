/** What is told of a receiver of figures. */
export const METRICS_EVENTS = {
  gone: {
    name: 'sys_metrics_gone',
    level: 'warn',
    meaning:
      'The receiver of figures (`metrics.otlp`) does not take them. Told once for an outage. Nothing is lost but its curve: counters go on.',
    details: { error: 'text' },
  },
  back: {
    name: 'sys_metrics_back',
    level: 'info',
    meaning: 'The receiver of figures takes them again.',
    details: { goneMs: 'number' },
  },
} as const;
