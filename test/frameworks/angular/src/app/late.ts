import { Component } from '@angular/core';

@Component({ template: '<p id="late">late</p>', styles: 'p { color: rgb(0, 0, 201) }' })
export class Late {}
