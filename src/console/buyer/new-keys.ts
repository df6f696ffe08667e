import { createContext, useContext } from 'react';

/** A key that was made in this window, with its secret: in memory only, gone with the window. */
export interface NewKey {
  readonly keyId: string;
  readonly label: string;
  readonly secret: string;
}
export interface NewKeyMemory {
  readonly newKey: NewKey | null;
  readonly setNewKey: (key: NewKey | null) => void;
}

export const NewKeys = createContext<NewKeyMemory>({ newKey: null, setNewKey: () => {} });
export const useNewKey = (): NewKeyMemory => useContext(NewKeys);
