'use server';
import { revalidatePath } from 'next/cache';
import { notes } from './kept.js';

export async function keep(form) {
  notes.push(String(form.get('note')));
  revalidatePath('/notes');
}
