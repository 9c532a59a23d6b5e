/**
 * Words and sentences of the simulated provider: calm, about the sea, and each word a single
 * token where possible. None begins with a vowel's sound, so that "a" fits before each.
 */
export const WORDS = {
  noun: [
    'harbor',
    'wind',
    'tide',
    'sail',
    'shore',
    'mast',
    'lantern',
    'current',
    'beacon',
    'compass',
    'storm',
    'bay',
    'signal',
    'captain',
    'crew',
    'channel',
    'chart',
    'bridge',
    'cloud',
    'morning',
  ],
  verb: [
    'follows',
    'meets',
    'carries',
    'shelters',
    'answers',
    'guides',
    'crosses',
    'reaches',
    'marks',
    'watches',
    'keeps',
    'covers',
    'holds',
    'turns',
    'finds',
    'measures',
  ],
  adjective: [
    'quiet',
    'steady',
    'bright',
    'northern',
    'careful',
    'distant',
    'gentle',
    'broad',
    'patient',
    'late',
    'clear',
    'deep',
    'narrow',
    'familiar',
    'warm',
    'sturdy',
  ],
  adverb: ['slowly', 'again', 'at dawn', 'without hurry', 'before noon', 'in good order', 'every day', 'in silence'],
} as const satisfies Record<string, readonly string[]>;

/** Words of a question that say nothing about its subject. */
export const COMMON_WORDS = new Set(
  (
    'about also because been before being between could does from give have here into just know like make more most ' +
    'much only other over please read same should show some such take tell than that their them then there these they ' +
    'this those very want were what when where which while will with would write your'
  ).split(' '),
);

export type Slot = keyof typeof WORDS;

/** First sentences that name what was asked; `{echo}` is a few of the user's own words. */
export const OPENINGS_WITH_ECHO = [
  'You asked about {echo}, so here is a {adjective} look at it.',
  'About {echo}: the short answer is as {adjective} as the {noun}.',
  'On the subject of {echo}, the {noun} has a {adjective} word to say.',
  'As for {echo}, think of a {adjective} {noun} that {verb} the {noun}.',
];

export const OPENINGS = [
  'Here is a {adjective} answer, as plain as a {noun}.',
  'The short answer is as {adjective} as the {noun}.',
];

export const SENTENCES = [
  'The {adjective} {noun} {verb} the {noun} {adverb}.',
  'When the {noun} {verb} the {noun}, every {noun} becomes {adjective}.',
  'A {adjective} {noun} is worth more than a {adjective} {noun}.',
  'First the {noun} {verb} the {noun}, and then the {noun} rests {adverb}.',
  'Nobody on the {noun} forgets how the {adjective} {noun} {verb} the {noun}.',
  'If the {noun} is {adjective}, the {noun} {verb} it {adverb}.',
  'Most people find that a {noun} {verb} the {noun} better than any {noun}.',
  'In the end the {noun} stays {adjective}, and the {noun} {verb} the {noun}.',
  'It helps to keep the {noun} {adjective} while the {noun} {verb} the {noun}.',
  'There is always a {adjective} {noun} behind the {adjective} {noun}.',
];
