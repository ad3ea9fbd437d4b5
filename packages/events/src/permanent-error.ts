/** Thrown by a handler when a message can never take effect; it goes to the dead-letter queue with this reason. */
export class PermanentError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'PermanentError';
  }
}
