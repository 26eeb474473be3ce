import assert from "node:assert/strict";
import { languageCode } from "../../src/core/language-code.js";

describe("language codes", () => {
  it("are those of ISO 639-2 that mean the tag's language, to its canonical form", () => {
    const two = Array.from({ length: 26 ** 2 }, (_, place) =>
      String.fromCharCode(97 + Math.floor(place / 26), 97 + (place % 26)),
    );
    const known = two.filter((tag) => languageCode(tag) !== "und");
    assert.equal(known.length, 183);
    const canonical = (tag: string) => Intl.getCanonicalLocales(tag)[0];
    const same = known.filter((tag) => tag !== "tw"); // "twi", which JavaScript takes for Akan's dialect
    for (const tag of same) assert.equal(canonical(languageCode(tag)), canonical(tag), tag);
  });

  it("are the tag's own where it has three letters, and none where nothing is known", () => {
    assert.deepEqual(["de-CH", "pt-BR", "gsw", "fil"].map(languageCode), ["deu", "por", "gsw", "fil"]);
    assert.deepEqual(["und", "", "xx", "x-klingon"].map(languageCode), ["und", "und", "und", "und"]);
  });
});
