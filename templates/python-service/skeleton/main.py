"""Starts the service: listens on $PORT, stops on SIGTERM when what is in flight is finished."""

import os
import signal
import threading

from service.app import create_server


def main() -> None:
    server = create_server(("", int(os.environ.get("PORT", "8080"))))

    def stop(number, _frame):
        print(f"{signal.Signals(number).name}: finishing what is in flight", flush=True)
        # shutdown() waits for the loop below, so it must not run on the loop's own thread.
        threading.Thread(target=server.shutdown).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    print(f"listening on {server.server_address[1]}", flush=True)
    server.serve_forever(poll_interval=0.1)

    # Waits for the threads of running requests.
    server.server_close()


if __name__ == "__main__":
    main()
