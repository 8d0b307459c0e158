/** As a `ref`: whatever appears with it is what there is to do now, so the keyboard is there. */
export const focused = (element: HTMLElement | null): void => element?.focus();
