/** How long texts about a product may be, characters. */

/** Longest name. */
export const maxNameLength = 200;

/** Longest description. */
export const maxDescriptionLength = 4000;
