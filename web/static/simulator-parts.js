// Small pieces of the page: elements, bubbles, pictures and links. Text never becomes markup.
export function element(tag, options = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(options)) {
    if (name === "class") made.className = value;
    else if (name === "text") made.textContent = value;
    else if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter(Boolean));
  return made;
}

export function media(files, fallback) {
  return (files || []).map((file) => {
    const address = `/simulator/file/${encodeURIComponent(file.key)}`;
    if (/^image\/(jpeg|png|gif|webp)$/.test(file.type)) return element("img", { src: address, alt: file.name || fallback, width: 176, height: 128, loading: "lazy" });
    if (file.type === "audio/wav") return element("audio", { src: address, controls: true, preload: "none" });
    return element("a", { href: address, text: file.name || fallback, download: true });
  });
}

export function linked(text) {
  const parts = [];
  let from = 0;
  for (const found of text.matchAll(/https?:\/\/[^\s<>"'，。；）】]+/g)) {
    const address = found[0].replace(/[).,;:!?]+$/, "");
    parts.push(text.slice(from, found.index), element("a", { href: address, target: "_blank", rel: "noopener noreferrer", text: address }));
    from = found.index + address.length;
  }
  parts.push(text.slice(from));
  return parts;
}

// Show `item` in `list` where it stands already, else at its end; the list stays at its end if it was there.
export function place(list, key, made) {
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 60;
  const old = list.querySelector(`[data-key="${CSS.escape(key)}"]`);
  made.dataset.key = key;
  for (const empty of list.querySelectorAll(".thread-empty")) empty.remove();
  if (old) old.replaceWith(made);
  else list.append(made);
  if (atEnd || !old) list.scrollTop = list.scrollHeight;
}

export function emptied(list, sentence) {
  list.replaceChildren(element("li", { class: "thread-empty", text: sentence }));
}
