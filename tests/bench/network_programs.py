"""Programs for the two ends of a network under test: standard library only, run by `python -c`.

`ECHO` (cloud): answers datagrams on ports 443 and 4443, and swallows TCP on 4711. `PING` and `POUR`
(device) print as JSON how long datagrams took there and back, and how long bytes took.
"""

ECHO = """
import socket, sys, threading
def echo(port):
    end = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
    end.bind(("", port))
    while True:
        text, peer = end.recvfrom(2000)
        end.sendto(text, peer)
def swallow():
    server = socket.create_server(("", 4711))
    while True:
        peer, _ = server.accept()
        size = 0
        while more := peer.recv(65536):
            size += len(more)
        peer.sendall(b"%d" % size)
        peer.close()
for port in (443, 4443):
    threading.Thread(target=echo, args=(port,), daemon=True).start()
threading.Thread(target=swallow, daemon=True).start()
print("there", flush=True)
sys.stdin.read()
threading.Event().wait()
"""
PING = """
import json, socket, sys, time
host, port, count, size, wait_s = sys.argv[1], *map(int, sys.argv[2:5]), float(sys.argv[5])
end = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
end.settimeout(0.001)
sent, came = {}, {}
def look(for_s):
    until = time.monotonic() + for_s
    while time.monotonic() < until and len(came) < count:
        try:
            text = end.recv(2000)
        except (TimeoutError, ConnectionError):
            continue
        came.setdefault(int(text[:8]), time.monotonic())
        until = max(until, time.monotonic() + for_s)
for number in range(count):
    sent[number] = time.monotonic()
    end.sendto(b"%08d" % number + bytes(size - 8), (host, port))
    look(0.0005)
look(wait_s)
print(json.dumps([came[n] - sent[n] for n in sorted(came)]))
"""
POUR = """
import json, socket, sys, time
began = time.monotonic()
peer = socket.create_connection((sys.argv[1], 4711), timeout=20)
opened = time.monotonic()
peer.sendall(bytes(int(sys.argv[2])))
peer.shutdown(socket.SHUT_WR)
told = peer.recv(100)
print(json.dumps([opened - began, time.monotonic() - opened, int(told)]))
"""
