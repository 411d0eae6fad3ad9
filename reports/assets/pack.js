"use strict";
// What travels packed: JSON, deflated, in base64. No address is asked for it, so the policy of the page holds.
class Trouble extends Error {}

const TOO_OLD = "This browser cannot unpack the data of this page. Open it in a current Firefox, Chrome, Edge or Safari: any since the spring of 2023 can.";
const DAMAGED = "The data of this page are damaged, or were cut off on the way here. Copy or load the page again.";

// The value that `packed` has put into an element.
async function unpack(element) {
  return unpacked(element.textContent);
}

async function unpacked(text) {
  if (typeof DecompressionStream === "undefined") throw new Trouble(TOO_OLD);
  try {
    const stream = new Blob([bytesOf(text.trim())]).stream().pipeThrough(new DecompressionStream("deflate"));
    return await new Response(stream).json();
  } catch {
    throw new Trouble(DAMAGED);
  }
}

function bytesOf(text) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  const letters = atob(text), bytes = new Uint8Array(letters.length);
  for (let place = 0; place < letters.length; place++) bytes[place] = letters.charCodeAt(place);
  return bytes;
}

// Says on the page what went wrong, once; what is no trouble with data is an error as any other.
function sayTrouble(error) {
  if (!(error instanceof Trouble)) throw error;
  const said = [...document.querySelectorAll(".trouble")].some((each) => each.textContent === error.message);
  if (said) return;
  const words = document.createElement("p");
  words.className = "note trouble column";
  words.textContent = error.message;
  words.setAttribute("role", "alert");
  document.querySelector("main").prepend(words);
}
