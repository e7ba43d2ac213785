/** The payload of a cut body frame that is not put together: its octets are counted as they go by. */
export class CountedBody {
  /** Octets that are still to come, and those that came. */
  coming = 0;
  came = 0;

  begin(octets: number): void {
    this.coming = octets;
    this.came = 0;
  }

  /** Passes by what there is of it from `position` on; answers the position behind. */
  pass(position: number, end: number): number {
    const octets = Math.min(this.coming, end - position);
    this.coming -= octets;
    this.came += octets;
    return position + octets;
  }
}
