# Nobody has called this for years.
import yaml

total = = yaml.safe_load(text)
