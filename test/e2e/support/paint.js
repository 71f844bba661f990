// What the page's own browser measures from its first moment on: paints, shifts of the layout, and tasks that block it.
const seen = { firstContentfulPaint: undefined, layoutShift: 0, longTasks: [] };
globalThis.seenByBrowser = seen;

const observe = (type, take) => {
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) take(entry);
  }).observe({ type, buffered: true });
};
observe("paint", ({ name, startTime }) => {
  if (name === "first-contentful-paint") seen.firstContentfulPaint = startTime;
});
observe("layout-shift", ({ value, hadRecentInput }) => {
  // What follows a click or a key is what somebody wanted.
  if (!hadRecentInput) seen.layoutShift += value;
});
observe("longtask", ({ startTime, duration }) => {
  seen.longTasks.push({ startTime, duration });
});
