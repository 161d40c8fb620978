import { declareErrors } from '../../../domain/error.ts';

export const viaErrors = declareErrors({
  'via-missing': {
    exit: 16,
    meaning: 'The program that leads to the database (docker, kubectl, ssh) could not be started.',
    remedy: 'Install it, add its folder to PATH, or write its whole path in `via`.',
  },
  'via-failed': {
    exit: 16,
    meaning: 'The program that leads to the database ended with an error: no container, no permission, no way there.',
    remedy: 'Run it by hand, with `true` behind it, until that works.',
    retry: true,
  },
  'via-without-input': {
    exit: 16,
    meaning: 'What is written into the program that leads to the database does not arrive there.',
    remedy: 'Add -i (docker exec -i, kubectl exec -i), or -T with docker compose exec.',
  },
  'via-without-shell': {
    exit: 16,
    meaning: 'There is no shell where the database is.',
    remedy:
      'Publish the port of the database and use its address, or choose a container that has /bin/sh and reaches it.',
  },
  'via-without-relay': {
    exit: 16,
    meaning: 'No program that can carry the connection is where the database is.',
    remedy: 'Install one of socat, bash (4.3 or newer), perl, python3 or nc there.',
  },
});
