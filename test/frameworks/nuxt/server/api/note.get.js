export default defineEventHandler(async () => ({ text: await useStorage().getItem('note') }));
