// Which view is shown: the page's address says it, so that links, Back and reload lead to the same.
// "#tool=bentoml/BentoML", "#purpose=model-serving?stage=growing", "#tools?sort=stars", "#made".
class Router {
  constructor() {
    this.views = new Map();
    this.shown = null;
    // How far down one was at each address.
    this.places = new Map();
    // What every address says besides what is shown: which tools are chosen to be compared.
    this.besides = { recall() {}, added: (address) => address };
    document.querySelectorAll(".view").forEach((root) => this.views.set(root.id, { root, show: () => (root.id === "home" ? "" : root.querySelector("h2")?.textContent) }));
  }

  // What a view does when it is shown: show(value, params) returns the title of what it shows.
  register(name, show) {
    this.views.get(name).show = show;
  }

  start() {
    // The browser would scroll before the view is shown.
    history.scrollRestoration = "manual";
    window.addEventListener("hashchange", () => this.show());
    // Past the menu, into what is shown: an address would lead to another view.
    document.querySelector(".skip").addEventListener("click", (event) => {
      event.preventDefault();
      this.focus();
    });
    this.show();
  }

  // Goes to an address as a link does.
  go(address) {
    if (location.hash === address) return;
    history.pushState(null, "", address);
    this.show();
  }

  // Says in the address what is shown already; `pushed` leaves what was shown before for Back.
  remember(address, pushed) {
    const whole = this.besides.added(address);
    if (location.hash === whole && history.state === "kept") return;
    history[pushed && location.hash !== whole ? "pushState" : "replaceState"]("kept", "", whole);
    this.leave();
  }

  // Notes how far down one was at the address that was shown until now.
  leave() {
    this.places.set(this.address, window.scrollY);
    this.address = location.hash;
  }

  // Shows another address while somebody types: what has the focus keeps it.
  follow(address, pushed) {
    this.remember(address, pushed);
    this.show(true);
  }

  show(still = false) {
    const { name, value, params, element } = this.read(location.hash), isBack = history.state === "kept";
    this.leave();
    this.besides.recall(params, isBack);
    const view = this.views.get(name), changed = this.shown !== name + "=" + value;
    this.shown = name + "=" + value;
    for (const [other, { root }] of this.views) root.hidden = other !== name;
    const title = view.show(value, params);
    document.title = (title ? title + " · " : "") + atlas.title;
    document.querySelectorAll(".views a").forEach((link) => {
      if (link.hash.slice(1) === (name === "home" ? "" : name)) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    });
    // Softly within a view; to a part of another one at once.
    if (element) element.scrollIntoView({ behavior: changed ? "instant" : "auto" });
    else if (changed && !still) {
      // At once, where all else scrolls softly; on the way back to where one was.
      window.scrollTo({ top: isBack ? this.places.get(location.hash) ?? 0 : 0, behavior: "instant" });
      // Whoever cannot see the change hears it; nothing is focused when the page opens.
      if (performance.getEntriesByName("atlas-ready").length) this.focus({ preventScroll: true });
    }
    this.remember(location.hash, false);
  }

  // To the heading of the view that is shown.
  focus(how) {
    [...this.views.values()].find(({ root }) => !root.hidden).root.querySelector("h1, h2")?.focus(how);
  }

  // Shows the view anew when what comes late of it is there; `late` tells whether anything had to be fetched.
  again(late) {
    const { shown } = this;
    late.then((fetched) => { if (fetched && this.shown === shown) this.show(true); }).catch(sayTrouble);
  }

  read(hash) {
    const [path, query] = [hash.slice(1).split("?", 1)[0], hash.slice(1).split("?").slice(1).join("?")];
    const [head, ...rest] = path.split("=");
    const params = new URLSearchParams(query);
    if (rest.length && this.views.has(head)) return { name: head, value: decoded(rest.join("=")), params };
    if (!path) return { name: "home", value: "", params };
    if (this.views.has(path)) return { name: path, value: "", params };
    const element = document.getElementById(decoded(path)), root = element?.closest(".view");
    if (root) return { name: root.id, value: "", params, element };
    return { name: "gone", value: decoded(path), params };
  }
}

// An address may have been cut or mistyped on its way: what is no code stays as it is.
function decoded(text) {
  try { return decodeURIComponent(text); } catch { return text; }
}

// The address of a view: addressOf("purpose", "model-serving", { stage: "growing" }). Slashes and commas stay readable.
function addressOf(name, value = "", params = {}) {
  const kept = Object.entries(params).filter(([, each]) => each !== "" && each !== null && each !== undefined);
  const readable = (text) => text.replaceAll("%2F", "/").replaceAll("%2C", ",");
  const query = readable(new URLSearchParams(kept).toString());
  const said = value === "" ? "" : "=" + readable(encodeURIComponent(value));
  return "#" + name + said + (query ? "?" + query : "");
}
