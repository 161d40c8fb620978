import { declareErrors } from '../domain/error.ts';

export const repositoryErrors = declareErrors({
  'no-repository': {
    exit: 10,
    meaning: 'There is no repository in this place.',
    remedy: 'Make the first backup, which creates it, or name the right place (BACKUP_DIR, --repository).',
  },
  'repository-newer': {
    exit: 1,
    meaning: 'The repository was made by a newer version of Holdfast.',
    remedy: 'Update Holdfast; or restore by hand: every backup folder has a RESTORE.txt.',
  },
  'repository-damaged': {
    exit: 15,
    meaning: 'The file holdfast.json, which makes a place a repository, is damaged.',
    remedy: 'The backups themselves may be whole: move holdfast.json away, and the next backup writes a new one.',
  },
  'which-database': {
    exit: 2,
    meaning: 'The repository holds backups of several databases, and none was named.',
    remedy: 'Name the database.',
  },
  'manifest-damaged': {
    exit: 15,
    meaning: 'The manifest of a backup is damaged: nothing of the backup can be trusted as it is.',
    remedy: 'Use another copy or an older backup; RESTORE.txt and SHA256SUMS in its folder tell what is still whole.',
  },
  'manifest-unsupported': {
    exit: 1,
    meaning: 'The manifest of a backup is whole, but of a form that this version does not understand.',
    remedy: 'Update Holdfast; or restore by hand: RESTORE.txt in its folder has the commands.',
  },
  'damaged-artifact': {
    exit: 15,
    meaning: 'A stored file of a backup is not what its manifest says: missing, cut off, altered, or longer.',
    remedy: 'Use another copy or an older backup; `holdfast list` shows which ones are verified or proven.',
  },
  'write-lost': {
    exit: 1,
    meaning: 'The store accepted a file and then did not have it, or had it with other bytes.',
    remedy: 'Check the disk or the service behind the store; this backup was removed again.',
    retry: true,
  },
});
