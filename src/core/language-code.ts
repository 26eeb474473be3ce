/** Says in an init segment which language a track has, for players of the file alone: manifests have it too. */
import { boxAt, FieldReader } from "./boxes.js";

/** ISO 639-1 and the terminological code of ISO 639-2 for the same language. */
const CODES = new Map(
  `
  aa=aar ab=abk ae=ave af=afr ak=aka am=amh an=arg ar=ara as=asm av=ava ay=aym az=aze ba=bak be=bel bg=bul bi=bis
  bm=bam bn=ben bo=bod br=bre bs=bos ca=cat ce=che ch=cha co=cos cr=cre cs=ces cu=chu cv=chv cy=cym da=dan de=deu
  dv=div dz=dzo ee=ewe el=ell en=eng eo=epo es=spa et=est eu=eus fa=fas ff=ful fi=fin fj=fij fo=fao fr=fra fy=fry
  ga=gle gd=gla gl=glg gn=grn gu=guj gv=glv ha=hau he=heb hi=hin ho=hmo hr=hrv ht=hat hu=hun hy=hye hz=her ia=ina
  id=ind ie=ile ig=ibo ii=iii ik=ipk io=ido is=isl it=ita iu=iku ja=jpn jv=jav ka=kat kg=kon ki=kik kj=kua kk=kaz
  kl=kal km=khm kn=kan ko=kor kr=kau ks=kas ku=kur kv=kom kw=cor ky=kir la=lat lb=ltz lg=lug li=lim ln=lin lo=lao
  lt=lit lu=lub lv=lav mg=mlg mh=mah mi=mri mk=mkd ml=mal mn=mon mr=mar ms=msa mt=mlt my=mya na=nau nb=nob nd=nde
  ne=nep ng=ndo nl=nld nn=nno no=nor nr=nbl nv=nav ny=nya oc=oci oj=oji om=orm or=ori os=oss pa=pan pi=pli pl=pol
  ps=pus pt=por qu=que rm=roh rn=run ro=ron ru=rus rw=kin sa=san sc=srd sd=snd se=sme sg=sag si=sin sk=slk sl=slv
  sm=smo sn=sna so=som sq=sqi sr=srp ss=ssw st=sot su=sun sv=swe sw=swa ta=tam te=tel tg=tgk th=tha ti=tir tk=tuk
  tl=tgl tn=tsn to=ton tr=tur ts=tso tt=tat tw=twi ty=tah ug=uig uk=ukr ur=urd uz=uzb ve=ven vi=vie vo=vol wa=wln
  wo=wol xh=xho yi=yid yo=yor za=zha zh=zho zu=zul`
    .trim()
    .split(/\s+/)
    .map((pair) => [pair.slice(0, 2), pair.slice(3)] as const),
);
const UNDETERMINED = "und";
/** Bytes in front of the language in `mdhd`, by its version (ISO/IEC 14496-12, 8.4.2). */
const TO_LANGUAGE = [20, 32];

/** The code of ISO 639-2 for a tag of RFC 5646; "und" where there is none. */
export function languageCode(tag: string): string {
  const [primary = ""] = tag.toLowerCase().split("-");
  if (/^[a-z]{3}$/.test(primary)) return primary;
  return CODES.get(primary) ?? UNDETERMINED;
}

/** A copy of an init segment with one track, in the language of a tag of RFC 5646. MEDIA when it cannot be read. */
export function sayLanguage(init: Uint8Array, tag: string): Uint8Array {
  const header = boxAt(init, { body: 0, end: init.length }, "moov", "trak", "mdia", "mdhd");
  const { version } = new FieldReader(init, header).versionAndFlags();
  const [one = 0, two = 0, three = 0] = [...languageCode(tag)].map((letter) => letter.charCodeAt(0) - 0x60);
  const packed = (one << 10) | (two << 5) | three;
  const copy = Uint8Array.from(init);
  copy.set([packed >> 8, packed & 0xff], header.body + (TO_LANGUAGE[version === 1 ? 1 : 0] as number));
  return copy;
}
