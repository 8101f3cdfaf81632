/**
 * Does one piece of work after the other, with a pause in between. A piece that fails is logged and the next one is
 * tried: a worker that dies of bad input would die of it again.
 */
export class Worker {
  #stopping = new AbortController();

  constructor(work, { pauseMilliseconds, log = console.log }) {
    this.work = work;
    this.pauseMilliseconds = pauseMilliseconds;
    this.log = log;
  }

  /** Ends when stop() was called and the piece in hand is finished. */
  async run() {
    for (let number = 1; !this.#stopping.signal.aborted; number++) {
      const began = performance.now();
      try {
        await this.work(number);
        this.log(`work ${number} done ${Math.round(performance.now() - began)}ms`);
      } catch (error) {
        this.log(`work ${number} failed: ${error.message}`);
      }

      await this.#pause();
    }
  }

  stop() {
    this.#stopping.abort();
  }

  #pause() {
    const signal = this.#stopping.signal;
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const timer = setTimeout(resolve, this.pauseMilliseconds);
      signal.addEventListener('abort', () => { clearTimeout(timer); resolve(); }, { once: true });
    });
  }
}
