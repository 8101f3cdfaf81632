"""kill-at.py DB REF STATE PID ARMED: makes the file ARMED, then waits until the rotation of a claim is in STATE, as the store has it, and kills PID with -9.
Prints the state that the store holds after the kill. Gives up after 20 s without killing, and prints "-"."""
import json, os, signal, sqlite3, sys, time

database, ref, state, pid = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
store = sqlite3.connect(f"file:{database}?mode=ro", uri=True, isolation_level=None)


def now():
    row = store.execute("SELECT entity FROM entities WHERE ref = ?", (ref,)).fetchone()
    return (json.loads(row[0]).get("status", {}).get("rotation") or {}).get("state") if row else None


now()
open(sys.argv[5], "w").close()
end = time.monotonic() + 20
while time.monotonic() < end:
    if now() == state:
        os.kill(pid, signal.SIGKILL)
        while os.path.exists(f"/proc/{pid}"):
            time.sleep(0.001)
        print(now())
        sys.exit()
print("-")
