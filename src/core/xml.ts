/** Just enough XML 1.0 to write a manifest. */

export type Attributes = Record<string, string | number | boolean | undefined>;

/** An element on its own lines, two spaces a level; attributes that are undefined are left out. */
export function element(name: string, attributes: Attributes, children: string[] = []): string {
  const open = `<${name}${attributeText(attributes)}`;
  if (children.length === 0) return `${open}/>`;
  const inside = children.map((child) => child.replaceAll(/^/gm, "  "));
  return [`${open}>`, ...inside, `</${name}>`].join("\n");
}

/** An element around text, on one line. */
export function textElement(name: string, text: string): string {
  return `<${name}>${escapeXml(text)}</${name}>`;
}

function attributeText(attributes: Attributes): string {
  const present = Object.entries(attributes).filter(([, value]) => value !== undefined);
  return present.map(([key, value]) => ` ${key}="${escapeXml(String(value))}"`).join("");
}

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;" };

function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
