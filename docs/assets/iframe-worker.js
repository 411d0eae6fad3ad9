// A browser starts no worker for a page that was opened from a file. The search then runs in a
// hidden frame, which is spoken to as to a worker.
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(url) {
      super();
      this.frame = document.createElement("iframe");
      this.frame.hidden = true;
      document.body.append(this.frame);
      this.inner = this.frame.contentWindow;
      this.answer = (event) => {
        if (event.source !== this.inner) return;
        this.dispatchEvent(new MessageEvent("message", { data: event.data }));
        this.onmessage?.(event);
      };
      window.addEventListener("message", this.answer);
      // In a worker, postMessage goes out; in a frame, only its parent's does.
      this.inner.document.write(`<script>
        postMessage = (data) => parent.dispatchEvent(
          new MessageEvent("message", { data, source: window }));
        importScripts = (...urls) => urls.reduce((before, url) => before.then(() =>
          new Promise((done, failed) => {
            const script = document.createElement("script");
            Object.assign(script, { src: url, onload: done, onerror: failed });
            document.body.append(script);
          })), Promise.resolve());
      <\/script><script src="${url}"><\/script>`);
      this.inner.document.close();
      this.ready = new Promise((done) => this.inner.addEventListener("load", done));
    }

    postMessage(data) {
      this.ready.then(() => this.inner.dispatchEvent(new MessageEvent("message", { data })));
    }

    terminate() {
      window.removeEventListener("message", this.answer);
      this.frame.remove();
    }
  };
}
