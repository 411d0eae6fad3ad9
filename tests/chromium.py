"""A real Chromium for tests, spoken to over its debugging pipe: no driver, no socket."""

from __future__ import annotations

import base64
import json
import os
import selectors
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--remote-debugging-pipe",
)


def find_chromium() -> str | None:
    """Return the path of a Chromium, if there is one on PATH."""
    return next((path for path in map(shutil.which, NAMES) if path), None)


@dataclass(frozen=True)
class PageFigures:
    """How quick a page is.

    Attributes
    ----------
    marks
        On the first map.
    loads_s
        Seconds from the start of loading until everything is drawn and answers, of each load.
    hover_ms, hovers_ms
        Milliseconds from a movement of the mouse to the frame that shows what it points at: the
        slowest, and each.
    filter_ms, sort_ms, zoom_ms
        Milliseconds from a click to the frame that shows its effect.
    """

    marks: int
    loads_s: tuple[float, ...]
    hovers_ms: tuple[float, ...]
    filter_ms: float
    sort_ms: float
    zoom_ms: float

    @property
    def ready_s(self) -> float:
        """Return how soon the page can be used where nothing else keeps the machine busy."""
        return min(self.loads_s)

    @property
    def hover_ms(self) -> float:
        """Return the slowest answer to the pointer."""
        return max(self.hovers_ms)


class Chromium:
    """One page in one browser. It records each console message, each error and each request."""

    def __init__(self, program: str, *, deadline_s: float = 30) -> None:
        self._profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self._deadline_s = deadline_s
        from_us, self._to_browser = os.pipe()
        self._from_browser, to_us = os.pipe()
        # The browser reads commands at descriptor 3 and answers at 4; both must be numbered so.
        script = f'exec "$0" "$@" 3<&{from_us} 4>&{to_us}'
        arguments = [*FLAGS, f"--user-data-dir={self._profile.name}", "about:blank"]
        self._process = subprocess.Popen(
            ["bash", "-c", script, program, *arguments],
            pass_fds=(from_us, to_us),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(from_us)
        os.close(to_us)
        self._buffer = b""
        self._next = 0
        self._session: str | None = None
        self.events: list[dict[str, Any]] = []

    def __enter__(self) -> Chromium:
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        attached = self.send("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(f"{domain}.enable")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._to_browser)
        os.close(self._from_browser)
        self._profile.cleanup()

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send one command of the DevTools protocol and return its result."""
        self._next += 1
        message = {"id": self._next, "method": method, "params": parameters}
        if self._session is not None:
            message["sessionId"] = self._session
        os.write(self._to_browser, json.dumps(message).encode() + b"\0")
        number = self._next
        while True:
            answer = self._read()
            if answer.get("id") == number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                result: dict[str, Any] = answer["result"]
                return result

    def _read(self) -> dict[str, Any]:
        with selectors.DefaultSelector() as selector:
            selector.register(self._from_browser, selectors.EVENT_READ)
            while b"\0" not in self._buffer:
                if not selector.select(self._deadline_s):
                    raise TimeoutError("Chromium does not answer")
                data = os.read(self._from_browser, 1 << 20)
                if not data:
                    raise ConnectionError("Chromium has ended")
                self._buffer += data
        line, self._buffer = self._buffer.split(b"\0", 1)
        message: dict[str, Any] = json.loads(line)
        if "method" in message:
            self.events.append(message)
        return message

    def open(self, address: str, *, width: int, dark: bool = False) -> None:
        """Open a page in a window of this width, in light or dark, and wait until it is drawn."""
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=900,
            deviceScaleFactor=1,
            mobile=False,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.send("Emulation.setEmulatedMedia", features=[scheme])
        # Opened over an empty page, so that an address that differs in its fragment loads anew.
        self.send("Page.navigate", url="about:blank")
        self.send("Page.navigate", url=address)
        self.wait("document.readyState === 'complete'")

    def evaluate(self, expression: str) -> Any:
        """Return the value of a JavaScript expression on the page."""
        answer = self.send(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"]["exception"]["description"])
        return answer["result"].get("value")

    def wait(self, expression: str) -> None:
        """Wait until a JavaScript expression is true."""
        end = time.monotonic() + self._deadline_s
        while not self.evaluate(expression):
            if time.monotonic() > end:
                raise TimeoutError(f"never true: {expression}")
            time.sleep(0.05)

    def settle(self) -> None:
        """Wait until what was changed has been drawn."""
        frame = "new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"
        self.evaluate(f"{frame}.then(() => {frame})")

    def mouse(self, kind: str, x: float, y: float, *, pressed: bool = False) -> None:
        """Move, press or release the mouse at a place in the window."""
        button = "left" if pressed or kind != "mouseMoved" else "none"
        self.send(
            "Input.dispatchMouseEvent",
            type=kind,
            x=x,
            y=y,
            button=button,
            buttons=int(pressed),
            clickCount=int(kind != "mouseMoved"),
        )

    def click(self, found: str) -> None:
        """Click on an element, given as a JavaScript expression, as who sees it does.

        Raises
        ------
        RuntimeError
            If it is not there, not seen, or something else lies over it.
        """
        place = None
        # On the way back, a page scrolls to where it was some time after it is shown.
        while place != (place := self.evaluate(PLACE.replace("FOUND", found))):
            self.settle()
        x, y = place
        self.mouse("mouseMoved", x, y)
        self.mouse("mousePressed", x, y, pressed=True)
        self.mouse("mouseReleased", x, y)
        self.settle()

    def type(self, text: str) -> None:
        """Type a text into what has the focus."""
        self.send("Input.insertText", text=text)
        self.settle()

    def drag(self, places: Sequence[tuple[float, float]]) -> None:
        """Draw a line with the mouse button held down."""
        self.mouse("mouseMoved", *places[0])
        self.mouse("mousePressed", *places[0], pressed=True)
        for place in places[1:]:
            self.mouse("mouseMoved", *place, pressed=True)
        self.mouse("mouseReleased", *places[-1])

    def key(self, key: str, code: int) -> None:
        """Press and release a key that types nothing but what it is known for."""
        for kind in ("keyDown", "keyUp"):
            text = {"Enter": "\r", " ": " "}.get(key, "") if kind == "keyDown" else ""
            self.send(
                "Input.dispatchKeyEvent",
                type=kind,
                key=key,
                code=key if len(key) > 1 else "",
                windowsVirtualKeyCode=code,
                text=text,
            )

    def wait_for(self, condition: Callable[[], bool]) -> None:
        """Wait until something outside the page is true."""
        end = time.monotonic() + self._deadline_s
        while not condition():
            if time.monotonic() > end:
                raise TimeoutError("never true")
            time.sleep(0.02)

    def screenshot(self, path: Path) -> None:
        """Save the whole page as a PNG."""
        answer = self.send("Page.captureScreenshot", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(answer["data"]))

    def of(self, *methods: str, where: Callable[[dict[str, Any]], bool] = bool) -> list[Any]:
        """Return the parameters of the recorded events of these methods."""
        found = (event["params"] for event in self.events if event["method"] in methods)
        return [parameters for parameters in found if where(parameters)]

    def complaints(self) -> list[str]:
        """Return every error and warning that the page has caused."""
        thrown = [e["exceptionDetails"] for e in self.of("Runtime.exceptionThrown")]
        logged = [e["entry"] for e in self.of("Log.entryAdded")]
        called = self.of("Runtime.consoleAPICalled")
        return [json.dumps(item) for item in (*thrown, *logged, *called)]

    def requests(self) -> list[str]:
        """Return the addresses that were asked for, the page itself and inline data left out."""
        urls = [e["request"]["url"] for e in self.of("Network.requestWillBeSent")]
        return [url for url in urls if not url.startswith(("file:", "data:", "about:"))]


def _ready_s(chromium: Chromium, address: str) -> float:
    chromium.open(address, width=1280)
    chromium.wait("document.documentElement.dataset.ready === 'yes'")
    mark = chromium.evaluate("performance.getEntriesByName('atlas-ready')[0].startTime")
    return float(mark) / 1000


# Where an element is clicked on: in the middle of its first line.
PLACE = """(() => {
  const found = FOUND;
  if (!found) throw new Error("it is not there");
  found.scrollIntoView({ behavior: "instant", block: "center" });
  const box = [...found.getClientRects()].find((each) => each.width && each.height);
  if (!box) throw new Error("it is not seen");
  const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
  const top = document.elementFromPoint(x, y);
  if (!found.contains(top)) throw new Error("it is covered by " + top?.outerHTML.slice(0, 200));
  return [x, y];
})()"""

# The map's own clock: from an event to the frame after it.
CLOCK = """(() => {
  const map = document.querySelector("#tools canvas");
  window.hovers = [];
  map.addEventListener("pointermove", (event) => {
    requestAnimationFrame(() => setTimeout(() => {
      const tip = document.querySelector("#tools .tip");
      const said = tip.hidden ? null : tip.textContent;
      window.hovers.push([performance.now() - event.timeStamp, said]);
    }));
  });
})()"""

CLICK = """new Promise((done) => {{
  const start = performance.now();
  document.querySelector({selector!r}).click();
  requestAnimationFrame(() => setTimeout(() => done(performance.now() - start)));
}})"""


def measure_page(
    chromium: Chromium, address: str, *, n_hovers: int = 12, n_loads: int = 3
) -> PageFigures:
    """Open a page and measure how soon it is ready and how soon its first map answers.

    The mouse is moved by the browser itself, on marks spread over the map; times are from the
    event's own stamp to after the frame that it causes.
    """
    ready_s = tuple(_ready_s(chromium, address) for _ in range(n_loads))
    left, top = chromium.evaluate(
        "(() => { document.querySelector('#tools .map')"
        ".scrollIntoView({behavior: 'instant', block: 'center'});"
        "const r = document.querySelector('#tools canvas').getBoundingClientRect();"
        "return [r.x, r.y]; })()"
    )
    chromium.evaluate(CLOCK)
    for place in range(n_hovers):
        x, y = chromium.evaluate(
            f"(m => m.places[Math.floor(m.rows.length * {(place + 0.5) / n_hovers})])"
            "(maps.get('tools'))"
        )
        chromium.mouse("mouseMoved", left + x, top + y)
        chromium.wait(f"window.hovers.length > {place}")
    hovers = chromium.evaluate("window.hovers")
    if any(said is None for _, said in hovers):
        raise RuntimeError("the map did not answer the mouse")
    return PageFigures(
        marks=chromium.evaluate("Number(document.querySelector('#tools canvas').dataset.drawn)"),
        loads_s=ready_s,
        hovers_ms=tuple(ms for ms, _ in hovers),
        zoom_ms=chromium.evaluate(CLICK.format(selector="#tools [data-zoom=in]")),
        filter_ms=chromium.evaluate(CLICK.format(selector="#tools .pick")),
        sort_ms=chromium.evaluate(CLICK.format(selector="#tools th.title button")),
    )
