// Runs by the schedule in the Procfile, to its end; a code other than 0 counts as a failed run.
import { report } from './work.js';

console.log(report(new Date()));
