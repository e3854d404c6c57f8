/** What to do, in order or as choices. */
export function Steps(props: { steps: readonly string[]; ordered: boolean }) {
  const items = props.steps.map((step) => <li>{step}</li>);
  return props.ordered ? <ol>{items}</ol> : <ul>{items}</ul>;
}
