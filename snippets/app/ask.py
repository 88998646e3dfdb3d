# Asks an app over its socket, as the web server does. Arguments: the socket, the host name, the path. Prints status, a space, and the first line.
import http.client
import socket
import sys

path, host, target = sys.argv[1:4]
connection = http.client.HTTPConnection(host, timeout=15)
connection.sock = socket.socket(socket.AF_UNIX)
connection.sock.settimeout(15)
connection.sock.connect(path)
connection.request("GET", target, headers={"Host": host, "X-Forwarded-Proto": "https", "X-Forwarded-For": "127.0.0.1"})
response = connection.getresponse()
print(response.status, response.read(200).decode("utf-8", "replace").split("\n")[0])
