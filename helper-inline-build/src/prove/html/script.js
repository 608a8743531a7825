// Sorting, filtering, and marking the chosen call. The page is whole without it.
"use strict";
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    const isNumber = head.classList.contains("n");
    const key = (row) => {
      const text = row.cells[column].textContent.trim();
      if (!isNumber) return text;
      const number = Number(text.replace("−", "-").replace(/[^0-9.-]/g, ""));
      return /[0-9]/.test(text) ? number : -Infinity;
    };
    button.addEventListener("click", () => {
      const now = head.getAttribute("aria-sort");
      const down = now ? now === "ascending" : isNumber;
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const order = (a, b) => (isNumber ? a - b : a.localeCompare(b));
      const rows = [...body.rows].map((row) => [key(row), row]);
      rows.sort(([a], [b]) => (down ? order(b, a) : order(a, b)));
      body.append(...rows.map(([, row]) => row));
    });
  });
}
for (const tools of document.querySelectorAll(".tools")) {
  const input = tools.querySelector("input");
  const output = tools.querySelector("output");
  const rows = [...document.getElementById(input.dataset.filters).tBodies[0].rows];
  input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
      shown += row.hidden ? 0 : 1;
    }
    output.textContent = words.length ? `${shown} of ${rows.length}` : "";
  });
  tools.hidden = false;
}
const choose = () => {
  for (const row of document.querySelectorAll("tr.chosen")) row.classList.remove("chosen");
  if (!/^#call-[0-9]+$/.test(location.hash)) return;
  const link = document.querySelector(`#call-table a[href="${location.hash}"]`);
  if (link) link.closest("tr").classList.add("chosen");
};
addEventListener("hashchange", choose);
choose();
