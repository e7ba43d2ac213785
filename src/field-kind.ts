/** How a field of a layout is written: not at all, because it is always the same; as a small integer or a boolean, whose types are known; as anything that a shape's field may be. */
export const FieldKind = { SAME: 0, SMALL: 1, BOOLEAN: 2, ANY: 3 } as const;
