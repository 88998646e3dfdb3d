export type {Answers} from '../answers.ts';
