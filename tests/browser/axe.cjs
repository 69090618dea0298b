// Opens a page in Chromium at several widths, light and dark, runs axe-core in it, and prints as JSON what was found.
// node axe.cjs CHROMIUM PAGE.html ; NODE_PATH is where playwright-core and axe-core are.
const { chromium } = require("playwright-core");

const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];

// The text spacing that readers may set themselves (WCAG 2.2, 1.4.12).
const SPACED = "* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }";

async function look(browser, address, width, colorScheme) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme, bypassCSP: true });
  const page = await context.newPage();
  const asked = [];
  page.on("request", (request) => asked.push(request.url()));
  await page.goto(address);
  const fetched = asked.filter((url) => url !== address && !url.startsWith("data:"));
  const measure = () => page.evaluate(() => document.documentElement.scrollWidth);
  const sizes = [await measure()];
  await page.keyboard.press("Tab");
  const focused = await page.evaluate(() => document.activeElement.className);
  await page.addScriptTag({ path: require.resolve("axe-core/axe.min.js") });
  const result = await page.evaluate(() => axe.run(document));
  const violations = result.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.target.join(" ")).join(", ")}`);
  await page.addStyleTag({ content: SPACED });
  sizes.push(await measure());
  const session = await context.newCDPSession(page);
  const tree = await session.send("Accessibility.getFullAXTree");
  const roles = {};
  for (const node of tree.nodes) if (!node.ignored) roles[node.role.value] = (roles[node.role.value] || 0) + 1;
  await context.close();
  return { width, colorScheme, violations, passes: result.passes.length, fetched, sizes, focused, roles };
}

(async () => {
  const [program, file] = process.argv.slice(2);
  const browser = await chromium.launch({ executablePath: program, args: FLAGS });
  const found = [];
  for (const width of [320, 1100, 1280])
    for (const scheme of ["light", "dark"]) found.push(await look(browser, `file://${file}`, width, scheme));
  await browser.close();
  console.log(JSON.stringify(found));
})();
