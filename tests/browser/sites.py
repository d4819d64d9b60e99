"""Somebody else's website on another port: pages with the chat on them, and headers of their own."""

import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PAGE = """<!doctype html><html lang="{language}" dir="{direction}"><head><meta charset="utf-8"><title>A site</title>
<meta name="viewport" content="width=device-width, initial-scale=1">{head}</head>
<body><main><h1>A site</h1><p>Its own text.</p>{body}</main>{script}</body></html>"""


@dataclass
class Site:
    """`pages` are served as they are; a name that is not there is an empty page."""

    pages: dict[str, tuple[str, dict[str, str]]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append(self.path)
                content, headers = site.pages.get(self.path, ("<!doctype html><title>neutral</title>", {}))
                self.send_response(200)
                for name, value in {"Content-Type": "text/html; charset=utf-8", **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content.encode())

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def page(
        self,
        name: str,
        gateway: str,
        attributes: str = "",
        *,
        language: str = "es",
        direction: str = "ltr",
        head: str = "",
        body: str = "",
        **headers: str,
    ) -> str:
        """Put up a page with the one line of ours; its address."""
        script = f'<script src="{gateway}/widget.js" async {attributes}></script>' if gateway else ""
        content = PAGE.format(language=language, direction=direction, head=head, body=body, script=script)
        self.pages[f"/{name}"] = (content, {key.replace("_", "-"): value for key, value in headers.items()})
        return f"{self.url}/{name}"

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
