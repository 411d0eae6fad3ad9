// The program of the page travels packed, as its data do. Unpacked, it runs as if it stood here: the page's policy knows its hash.
(async () => {
  const program = document.createElement("script");
  program.textContent = await unpack(document.getElementById("atlas-program"));
  document.head.append(program);
})().catch(sayTrouble);
