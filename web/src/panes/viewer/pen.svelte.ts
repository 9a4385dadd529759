// Where a pen has been at the page, fingers no longer draw: they move it.

export const pen = $state({ seen: false });
