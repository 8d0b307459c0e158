/** An answer or a key as people read it, of any kind: choices by their texts, what was typed as it is. */
export function answerWords(choices: readonly string[], answer: readonly (number | string)[]): string {
  return answer.map((each) => (typeof each === "number" ? (choices[each] ?? "") : each)).join(", ");
}
