import { prod, prodDestroyed } from "./recordedProd";
import { changed, destroyed, made } from "./recordedProgram";
import { type Step } from "./recordedSteps";

/** Ids that stand for one object: the calls are of two runs of test/cloud/program, and of several of the prod stack. */
export const same = {
  "vpc-gpt0k5z9": "vpc-yjyvhstm",
  "rtb-nvckjayg": "rtb-k53a16jz",
  "sg-h2hjs5ix": "sg-mwsxah56",
  "sg-vec1p3on": "sg-h1cah8sy",
  "ps-unmpve1b": "ps-mf162dxa",
  "ins-6uyj8o3g": "ins-errfelnf",
  "ins-5pq8iveo": "ins-mvsgb22u",
  "ins-ldo2bs8r": "ins-mt4sey4f",
  "disk-ma5qyzq5": "disk-6ztktz6p",
  "disk-qa7cpx4h": "disk-6ztktz6p",
  "disk-ufxr9wt9": "disk-6ztktz6p",
  "havip-v2tyvwzo": "havip-kl3otrsy",
  "lb-7e8m7t1g": "lb-buepaq6p",
  "lbl-mmej0j69": "lbl-7ej5x9wi",
  "nat-utfpkqs6": "nat-2u9mezzb",
  "zone-w43ilioy": "zone-h0f2abci",
  "havip-qgx6okvl": "havip-gotrz93j",
  "ins-fq6vbt9k": "ins-j4fa71xj",
  "eip-sznlexcp": "eip-jda5eg1j",
};

/** All of it, in the order in which the provider went. */
export const wholeLife: readonly Step[] = [
  ...made,
  ...changed,
  ...prod,
  ...prodDestroyed,
  ...destroyed,
];
