'use strict';
// The values under the pointer, or at the arrow keys, are those of the table below each chart.
for (const plot of document.querySelectorAll('.plot')) {
  const figure = plot.closest('figure');
  const field = plot.querySelector('.field');
  const cursor = plot.querySelector('.cursor');
  const tip = plot.querySelector('.tip');
  const table = figure.querySelector('table');
  const heads = [...table.tHead.rows[0].cells];
  const rows = [...table.tBodies[0].rows];
  const places = rows.map((row) => Number(row.dataset.x) / 1000);
  let current = -1;

  const line = (head, cell) => {
    const entry = document.createElement('span');
    const swatch = document.createElement('i');
    swatch.className = head.dataset.swatch;
    const value = document.createElement('em');
    value.textContent = cell.textContent;
    entry.append(swatch, head.textContent, value);
    return entry;
  };
  const hide = () => {
    current = -1;
    cursor.hidden = tip.hidden = true;
  };
  const show = (index) => {
    if (index < 0 || index >= rows.length || index === current) return;
    current = index;
    const cells = [...rows[index].cells];
    const title = document.createElement('b');
    title.textContent = `${heads[0].textContent} ${cells[0].textContent}`;
    const entries = cells.slice(1).map((cell, at) => cell.textContent && line(heads[at + 1], cell));
    tip.replaceChildren(title, ...entries.filter(Boolean));
    cursor.hidden = tip.hidden = false;
    cursor.style.left = `${100 * places[index]}%`;
    const left = field.offsetLeft + places[index] * field.offsetWidth;
    const right = left + 12 + tip.offsetWidth > plot.offsetWidth;
    const beside = right ? left - 12 - tip.offsetWidth : left + 12;
    // Where there is no room beside the cursor, below the drawing.
    tip.style.left = `${Math.max(0, beside)}px`;
    tip.style.top = `${field.offsetTop + (beside < 0 ? field.offsetHeight + 6 : 0)}px`;
  };
  const nearest = (share) => {
    let best = -1;
    places.forEach((place, index) => {
      if (best < 0 || Math.abs(place - share) < Math.abs(places[best] - share)) best = index;
    });
    return best;
  };

  field.addEventListener('pointermove', (event) => {
    const box = field.getBoundingClientRect();
    show(nearest((event.clientX - box.left) / box.width));
  });
  field.addEventListener('pointerleave', hide);
  plot.addEventListener('blur', hide);
  plot.addEventListener('keydown', (event) => {
    const steps = { ArrowRight: current + 1, ArrowLeft: Math.max(0, current - 1), Home: 0, End: rows.length - 1 };
    if (event.key === 'Escape') {
      hide();
    } else if (event.key in steps) {
      event.preventDefault();
      show(steps[event.key]);
    }
  });
}
