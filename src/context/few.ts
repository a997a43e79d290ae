/**
 * A list with one item more. `push` makes room for 17 at once, and a call has a dozen lists that seldom hold more than three: with tens of
 * thousands of calls open, that room is most of their memory.
 */
export function withItem<T>(list: T[], item: T): T[] {
  switch (list.length) {
    case 0:
      return [item];
    case 1:
      return [list[0] as T, item];
    case 2:
      return [list[0] as T, list[1] as T, item];
    default:
      list.push(item);
      return list;
  }
}
