// The pixels on the screen. An empty page of the browser decodes the pictures.
let blank;

async function decode(reader, use, ...parameters) {
  blank ??= reader.fresh();
  return (await blank).evaluate(use, parameters);
}

const encoded = async (page) => (await page.screenshot()).toString("base64");

// The colours of a column of pixels, "r,g,b", at each of these places {x, y, height}.
export async function columns(reader, page, places) {
  return decode(reader, async ([picture, places]) => {
    const image = await createImageBitmap(await (await fetch(`data:image/png;base64,${picture}`)).blob());
    const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d");

    canvas.drawImage(image, 0, 0);
    return places.map(({ x, y, height }) => {
      const { data } = canvas.getImageData(Math.floor(x), Math.floor(y), 1, Math.max(1, Math.floor(height)));
      return Array.from({ length: data.length / 4 }, (_, i) => data.slice(4 * i, 4 * i + 3).join());
    });
  }, await encoded(page), places);
}

// The number of pixels that an action changes outside a box and its border.
export async function changed(reader, page, box, act) {
  const before = await encoded(page);

  await act();
  return decode(reader, async ([before, after, box]) => {
    const [a, b] = await Promise.all([before, after].map(async (picture) => {
      const image = await createImageBitmap(await (await fetch(`data:image/png;base64,${picture}`)).blob());
      const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d");
      canvas.drawImage(image, 0, 0);
      return canvas.getImageData(0, 0, image.width, image.height);
    }));
    const margin = 6;
    const inside = (x, y) => x >= box.x - margin && x <= box.x + box.width + margin
      && y >= box.y - margin && y <= box.y + box.height + margin;
    let different = 0;

    for (let i = 0; i < a.data.length; i += 4) {
      if ([0, 1, 2].every((part) => a.data[i + part] === b.data[i + part])) continue;
      if (!inside((i / 4) % a.width, Math.floor(i / 4 / a.width))) different++;
    }
    return different;
  }, before, await encoded(page), box);
}
