# SPDX-License-Identifier: Apache-2.0
"""A real nginx that terminates TLS (HTTP/2 where the client wants it) in front of the server."""
import os

from harness import free_port, need_program

CONFIG = """
{user}
pid DIR/nginx.pid;
error_log DIR/nginx.error.log;
worker_processes 1;
daemon off;
events {{ worker_connections 64; }}
http {{
  log_format protocol '$server_protocol $ssl_protocol $request_method $uri $status';
  access_log DIR/nginx.access.log protocol;
  client_body_temp_path DIR/nginx.body;
  proxy_temp_path DIR/nginx.proxy;
  fastcgi_temp_path DIR/nginx.fastcgi;
  uwsgi_temp_path DIR/nginx.uwsgi;
  scgi_temp_path DIR/nginx.scgi;
  client_max_body_size 0;
  keepalive_requests {requests};
  server {{
    listen 127.0.0.1:{port} ssl http2;
    server_name localhost;
    ssl_certificate DIR/server.pem;
    ssl_certificate_key DIR/server.key;
    location / {{
      proxy_pass http://{upstream};
      proxy_http_version 1.1;
      proxy_set_header Connection "";
    }}
  }}
}}
"""


def make_certificates(t):
    """A private CA in ca.pem, and a certificate for localhost and 127.0.0.1 signed by it."""
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    t.run_program("openssl", "req", "-x509", *key, "-days", "2", "-subj", "/CN=hctail test CA",
                  "-keyout", "ca.key", "-out", "ca.pem")
    t.run_program("openssl", "req", *key, "-subj", "/CN=localhost",
                  "-keyout", "server.key", "-out", "server.csr")
    t.write("server.ext", "subjectAltName=DNS:localhost,IP:127.0.0.1\n")
    t.run_program("openssl", "x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey",
                  "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "server.ext",
                  "-out", "server.pem")


def start_nginx(t, requests=1000):
    """Returns the https:// URL."""
    nginx = need_program("nginx")
    make_certificates(t)
    port = free_port()
    user = "user root;" if os.geteuid() == 0 else ""
    config = CONFIG.format(user=user, port=port, upstream=t.api.host, requests=requests)
    t.write("nginx.conf", config.replace("DIR", t.dir))
    t.background(nginx, "-p", t.dir, "-c", t.path("nginx.conf"), "-e", t.path("nginx.error.log"),
                 port=port)
    return f"https://localhost:{port}"
