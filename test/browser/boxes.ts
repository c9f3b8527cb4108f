/** Whether anything on a page lies over anything else, or sticks out of what it is in: as measured in the browser. */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';

/** A small phone, a phone on its side, a tablet, a desk: WCAG 2.2, 1.4.10 begins at 320. */
export const WIDTHS = [320, 481, 768, 1280] as const;
const LOOKS = ['light', 'dark'] as const;

/** Sees that no two boxes of a page meet, in every width and look. */
export async function assertNoBoxesMeet(
  page: Page,
  name: string,
  widths: readonly number[] = WIDTHS,
): Promise<void> {
  const before = page.viewportSize();
  for (const width of widths) {
    await page.setViewportSize({ width, height: 800 });
    for (const colorScheme of LOOKS) {
      await page.emulateMedia({ colorScheme });
      const found = (await page.evaluate(MEASURE)) as readonly string[];
      assert.deepEqual(found, [], `${name}, ${width} wide, ${colorScheme}`);
    }
  }
  if (before !== null) await page.setViewportSize(before);
}

/**
 * Lines of text, and things such as fields, buttons and pictures, in pairs of which none is in the other; boxes beside
 * each other; and lines that leave the card or the window they are in. In the page, so in its language.
 */
export const MEASURE: string = `(() => {
  const SLACK = 1.5;
  const THINGS = 'a.button, button, input:not([type=hidden]), select, textarea, img, svg, summary, .badge';
  const isSeen = (element) => {
    if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) return false;
    for (let it = element; it !== null; it = it.parentElement) {
      // For screen readers only, or a link that comes into the window with the focus.
      if (getComputedStyle(it).clipPath !== 'none') return false;
    }
    return true;
  };
  const inWindow = ({ bottom, right, width, height }) => width > 0 && height > 0 && bottom > 0 && right > 0;
  const boxes = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const { currentNode: node } = walker;
    const { parentElement: owner } = node;
    if (node.data.trim() === '' || owner.closest('script, style, textarea, select, svg') || !isSeen(owner)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const rect of range.getClientRects())
      if (inWindow(rect)) boxes.push({ rect, element: owner, what: node.data.trim().replace(/\\s+/g, ' ').slice(0, 40), node });
  }
  for (const element of document.querySelectorAll(THINGS)) {
    const rect = element.getBoundingClientRect();
    if (isSeen(element) && inWindow(rect)) boxes.push({ rect, element, what: '<' + element.localName + ' ' + (element.id || element.className) + '>' });
  }
  const meet = (a, b) =>
    Math.min(a.right, b.right) - Math.max(a.left, b.left) > SLACK &&
    Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > SLACK;
  // A password field and the button in it are made for one another.
  const isOne = (a, b) => a.closest('.with-reveal') !== null && a.closest('.with-reveal') === b.closest('.with-reveal');
  const found = [];
  for (const [index, one] of boxes.entries()) {
    for (const other of boxes.slice(index + 1)) {
      if (one.node !== undefined && one.node === other.node) continue;
      if (one.element !== other.element && (one.element.contains(other.element) || other.element.contains(one.element))) {
        // Text in a button is in it; two texts of which one is nested are lines of one paragraph.
        if (one.node === undefined || other.node === undefined) continue;
      }
      if (one.element === other.element && (one.node === undefined || other.node === undefined)) continue;
      if (isOne(one.element, other.element)) continue;
      if (meet(one.rect, other.rect)) found.push(one.what + ' | ' + other.what);
    }
    const { right } = one.rect;
    const frame = one.element.closest('.card, section, form, main') ?? document.documentElement;
    const edge = Math.min(frame.getBoundingClientRect().right, document.documentElement.clientWidth);
    if (right > edge + SLACK) found.push(one.what + ' sticks out by ' + Math.round(right - edge));
  }
  // Put into one cell of a grid on purpose; what is in them is measured above.
  const shareCell = (one, other) => {
    const [a, b] = [getComputedStyle(one), getComputedStyle(other)];
    return a.gridRowStart !== 'auto' && a.gridRowStart === b.gridRowStart && a.gridColumnStart === b.gridColumnStart;
  };
  for (const parent of document.querySelectorAll('body, main, main *')) {
    const laid = [...parent.children].filter((child) => {
      const { display, position, float } = getComputedStyle(child);
      return isSeen(child) && !display.startsWith('inline') && position === 'static' && float === 'none';
    });
    for (const [index, one] of laid.entries())
      for (const other of laid.slice(index + 1))
        if (!shareCell(one, other) && meet(one.getBoundingClientRect(), other.getBoundingClientRect()))
          found.push('<' + one.localName + ' ' + one.className + '> | <' + other.localName + ' ' + other.className + '>');
  }
  if (document.documentElement.scrollWidth > document.documentElement.clientWidth) found.push('wider than the window');
  return found;
})()`;
