/** Values of a policy's fields, by the names that a file of policies gives them; `null` where the policy has none. */
export type GivenValues = Readonly<Record<string, number | string | null>>;
