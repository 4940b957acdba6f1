//! What it costs to find a term at a place; the best place is the cheapest, and the costs of all terms are added up, so
//! that a package which answers each term well comes before one that answers a single term perfectly.
//!
//! Attribute and name come before main program before description; exact before prefix before word before inside before
//! scattered letters before slips. Between neighbours how well known a package is decides: who types `ssl` means
//! openssl, not whatever begins with these letters.

/// Nothing was found.
pub const NONE: u8 = u8::MAX;

/// An attribute of the top level: always the first.
pub const EXACT_ATTRIBUTE: u8 = 0;
/// The last component of an attribute in a set; with [`NESTED`] it comes after names of the top level that begin with this
/// word, and before those that only begin with these letters.
pub const EXACT_IN_SET: u8 = 17;
/// The same, of what is a program of that name: `pip`.
pub const EXACT_PROGRAM_IN_SET: u8 = 10;
pub const EXACT_NAME: u8 = 24;
pub const EXACT_PROGRAM: u8 = 26;
pub const PREFIX_WORD: u8 = 32;
pub const PREFIX: u8 = 36;
pub const PROGRAM_PREFIX: u8 = 38;
pub const NAME_WORD_AT_END: u8 = 38;
pub const NAME_WORD: u8 = 40;
/// A name of another kind than the attribute: `apache-tomcat` of tomcat.
pub const EXACT_OTHER_NAME: u8 = 40;
pub const OTHER_NAME_PREFIX: u8 = 54;
pub const SET_WORD: u8 = 40;
pub const NAME_WORD_START: u8 = 44;
pub const NAME_WORD_END: u8 = 46;
pub const PROGRAM_WORD: u8 = 46;
pub const SET_WORD_START: u8 = 46;
pub const NAME_INSIDE: u8 = 54;
pub const PROGRAM_INSIDE: u8 = 56;
pub const DESCRIPTION_WORD: u8 = 56;
pub const SET_INSIDE: u8 = 60;
pub const DESCRIPTION_WORD_START: u8 = 62;
pub const LONG_WORD: u8 = 70;
/// With a slip; more for a word that only begins so.
pub const NAME_SLIP: u8 = 70;
pub const NAME_SLIP_PREFIX: u8 = 74;
/// Scattered letters; up to [`SCATTERED_MOST`] as they lie farther apart.
pub const SCATTERED: u8 = 72;
pub const SCATTERED_MOST: u8 = 80;
pub const LONG_WORD_START: u8 = 78;
pub const DESCRIPTION_INSIDE: u8 = 82;
pub const DESCRIPTION_SLIP: u8 = 84;

/// Beside other terms an output's name (`zlib dev`) or the beginning of a version (`openssl 3`) says which package is
/// meant; alone it says little.
pub const OUTPUT: u8 = 120;
pub const OUTPUT_BESIDE_OTHERS: u8 = 32;
pub const VERSION: u8 = 64;
pub const VERSION_BESIDE_OTHERS: u8 = 34;

/// A synonym, on top of what it costs.
pub const SYNONYM: u8 = 8;
/// A term of two or three letters that is no whole word, on top.
pub const TWO_LETTERS: u8 = 16;
pub const THREE_LETTERS: u8 = 6;

/// With this or less a term was found where it was meant, and no slip is looked for.
pub const GOOD: u8 = DESCRIPTION_WORD_START;

/// Once for a package in a nested set: it is one of thousands, and who wants it often names the set as well.
pub const NESTED: i32 = 16;
/// Once for what is broken or for another system.
pub const OBSTACLE: i32 = 5;
/// Once for what nobody described.
pub const UNDESCRIBED: i32 = 2;
/// Once for what does not even evaluate.
pub const FAILED: i32 = 40;
/// All terms together where they are the name but for what stands between them: `google chrome`.
pub const WHOLE_NAME: i32 = 4;
/// The same in a set; and where the set is among the terms: `python requests`.
pub const WHOLE_NAME_IN_SET: i32 = 40;
pub const SET_AND_NAME: i32 = 8;
/// All terms together where they stand beside each other in a description, in their order.
pub const PHRASE: i32 = 50;
pub const LONG_PHRASE: i32 = 70;
/// Off for each step of fame.
pub const FAME: i32 = 3;
