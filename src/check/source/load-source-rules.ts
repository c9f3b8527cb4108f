/** Every rule over source files: the one place that registers them. */
import type { SourceRule } from './source-rule.ts';

/** Loads them, in the order of the go-live checklist. */
export async function loadSourceRules(): Promise<readonly SourceRule[]> {
  const families = await Promise.all([
    import('./rules/tree-rules.ts').then(({ treeRules }) => treeRules),
    import('./secrets/secret-rules.ts').then(({ secretRules }) => secretRules),
    import('./config/config-rules.ts').then(({ configurationRules }) => configurationRules),
    import('./dependencies/dependency-rules.ts').then(({ dependencyRules }) => dependencyRules),
    import('./javascript/code-rules.ts').then(({ javaScriptCodeRules }) => javaScriptCodeRules),
    import('./javascript/flow-rules.ts').then(({ javaScriptFlowRules }) => javaScriptFlowRules),
    import('./javascript/settings-rules.ts').then(({ javaScriptSettingsRules }) => javaScriptSettingsRules),
    import('./javascript/wiring-rules.ts').then(({ javaScriptWiringRules }) => javaScriptWiringRules),
    import('./javascript/under-load-rules.ts').then(({ javaScriptLoadRules }) => javaScriptLoadRules),
    import('./javascript/trap-rules.ts').then(({ javaScriptTrapRules }) => javaScriptTrapRules),
    import('./javascript/webhook-rules.ts').then(({ javaScriptWebhookRules }) => javaScriptWebhookRules),
    import('./javascript/template-rules.ts').then(({ templateRules }) => templateRules),
    import('./rules/python-code-rules.ts').then(({ pythonCodeRules }) => pythonCodeRules),
    import('./rules/python-webhook-rules.ts').then(({ pythonWebhookRules }) => pythonWebhookRules),
    import('./rules/python-flow-rules.ts').then(({ pythonFlowRules }) => pythonFlowRules),
    import('./rules/flask-settings-rules.ts').then(({ flaskSettingsRules }) => flaskSettingsRules),
    import('./rules/flask-wiring-rules.ts').then(({ flaskWiringRules }) => flaskWiringRules),
    import('./rules/flask-limit-rules.ts').then(({ flaskLimitRules }) => flaskLimitRules),
    import('./rules/flask-trap-rules.ts').then(({ flaskTrapRules }) => flaskTrapRules),
    import('./rules/python-trap-rules.ts').then(({ pythonTrapRules }) => pythonTrapRules),
    import('./rules/flask-code-rules.ts').then(({ flaskCodeRules }) => flaskCodeRules),
    import('./rules/django-rules.ts').then(({ djangoRules }) => djangoRules),
    import('./rules/template-rules.ts').then(({ templateRules }) => templateRules),
  ]);
  return families.flat().toSorted((one, other) => one.guide - other.guide);
}
