/* Loads what MudBlazor's charts need, once for a page: the script with which they measure themselves, and the sheet. Whoever imports this module can
   draw charts then. No other page loads either. */
const load = (element, address) => new Promise((loaded, failed) => {
  element.onload = loaded;
  element.onerror = () => {
    element.remove();
    failed(new Error(`${address} could not be loaded.`));
  };
  document.head.append(element);
});

const script = document.createElement('script'), sheet = document.createElement('link');
script.src = '_content/MudBlazor/MudBlazor.min.js';
sheet.rel = 'stylesheet';
sheet.href = 'charts.css';
await Promise.all([load(script, script.src), load(sheet, sheet.href)]);
