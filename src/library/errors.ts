import { declareErrors } from '../domain/error.ts';

export const libraryErrors = declareErrors({
  closed: {
    exit: 2,
    meaning: 'The instance of the library was closed before the call.',
    remedy: 'Open another one with openHoldfast.',
  },
  'listener-failed': {
    exit: 1,
    meaning:
      'The function that a program gave the library to hear of events threw; the call was stopped, as by an abort.',
    remedy: 'Mend the function: `cause` is what it threw.',
  },
});
